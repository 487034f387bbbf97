import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { choices, readChoices } from '../choices';

/**
 * As Grafana starts its translations, so that plugins read the language from the same place. Grafana's own texts stay
 * English: its translations are not on npm.
 */
export async function initializeI18n(): Promise<void> {
  const { language } = readChoices();
  await i18next.use(initReactI18next).init({
    lng: language,
    supportedLngs: [...choices.language],
    fallbackLng: 'en-US',
    ns: 'grafana',
    // A language counts as resolved once it has a text.
    resources: { [language]: { grafana: { language } } },
    partialBundledLanguages: true,
    returnEmptyString: false,
  });
}
