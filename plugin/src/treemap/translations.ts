import { initPluginTranslations } from '@grafana/i18n';

import { treemapPanelType } from '../constants';
import chinese from './locales/zh-Hans/tidemark-treemap-panel.json';

/** Part of the panel's module, as those of the data source are of its own. */
const texts: Readonly<Record<string, Record<string, string>>> = { 'zh-Hans': chinese };

export const initTranslations = () =>
  initPluginTranslations(treemapPanelType, [(language) => Promise.resolve(texts[language] ?? {})]);
