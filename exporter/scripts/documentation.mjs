// Writes the documentation that is made from the code: sections of README.md, the description of the API as API.md and
// openapi.json. Run after a build: npm run documentation -w exporter
import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../dist/api/openapi/document.js';
import { describeApi } from '../dist/api/openapi/markdown.js';
import { routes } from '../dist/api/routes.js';
import { withSections } from '../dist/documentation/sections.js';

const readme = new URL('../README.md', import.meta.url);
writeFileSync(readme, withSections(readFileSync(readme, 'utf8')));
writeFileSync(new URL('../API.md', import.meta.url), describeApi(routes));
writeFileSync(new URL('../openapi.json', import.meta.url), `${JSON.stringify(openApiDocument(routes), null, 2)}\n`);
