import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { documentationSections, withSections } from '../../../exporter/src/documentation/sections.ts';

test('the README of the exporter holds the sections as the code makes them', () => {
  const readme = readFileSync(new URL('../../../exporter/README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withSections(readme));
  for (const name of Object.keys(documentationSections())) {
    expect(readme).toContain(`<!-- made from the code: ${name} -->`);
  }
});

test('a marker without a section is an error', () => {
  expect(() => withSections('<!-- made from the code: nothing -->\n<!-- end -->')).toThrow('nothing');
});
