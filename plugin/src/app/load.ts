import { App } from './App';
import { initTranslations } from './translations';

/** The app with its texts, for `React.lazy`. */
export async function loadApp() {
  await initTranslations();
  return { default: App };
}
