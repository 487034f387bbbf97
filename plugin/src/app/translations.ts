import { initPluginTranslations } from '@grafana/i18n';

import { appId } from '../constants';

type Texts = Record<string, string>;

/** English is in the sources; other languages are files, loaded when they are wanted. */
const languages: Readonly<Record<string, () => Promise<{ default: Texts }>>> = {
  'zh-Hans': () => import('../locales/zh-Hans/tidemark-storage-app.json'),
};

/** A language without a file reads English. */
export async function loadTexts(language: string): Promise<Texts> {
  return (await languages[language]?.())?.default ?? {};
}

/** Must be done before the first component asks for a text. */
export const initTranslations = () => initPluginTranslations(appId, [loadTexts]);
