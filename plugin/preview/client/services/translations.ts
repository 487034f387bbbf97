import { initPluginTranslations } from '@grafana/i18n';
import i18next from 'i18next';

import { readChoices } from '../choices';

/** Grafana's own texts stay English: its translations are not on npm. Plugins read their language from i18next. */
export async function initializeI18n(): Promise<void> {
  await initPluginTranslations('grafana');
  await i18next.changeLanguage(readChoices().language);
}
