import { initPluginTranslations } from '@grafana/i18n';

import { dataSourceType } from '../constants';
import chinese from './locales/zh-Hans/tidemark-storage-datasource.json';

/**
 * Texts of the data source. They are part of its module: Grafana serves a nested plugin from an address of its own,
 * where files loaded later would not be found.
 */
const texts: Readonly<Record<string, Record<string, string>>> = { 'zh-Hans': chinese };

export const initTranslations = () =>
  initPluginTranslations(dataSourceType, [(language) => Promise.resolve(texts[language] ?? {})]);
