// Writes the sections of exporter/README.md that are made from the code. Run after a build: npm run documentation -w exporter
import { readFileSync, writeFileSync } from 'node:fs';
import { withSections } from '../dist/documentation/sections.js';

const readme = new URL('../README.md', import.meta.url);
writeFileSync(readme, withSections(readFileSync(readme, 'utf8')));
