// npm run texts -w plugin: writes src/**/locales from the sources. Fill in what is empty afterwards.
import { fileURLToPath } from 'node:url';
import { languages, plugins, readTexts, textsFile, writeTexts } from './texts.mjs';

const source = fileURLToPath(new URL('../src', import.meta.url));
writeTexts(source);
for (const plugin of plugins) {
  for (const language of languages) {
    const missing = Object.entries(readTexts(textsFile(source, plugin, language))).filter(([, text]) => text === '');
    for (const [key] of missing) console.log(`${language} ${plugin.id}: ${key}`);
  }
}
