import { initializeI18n } from './services/translations';
import { setServices } from './services/services';
import { shareModules } from './modules';

setServices();
await initializeI18n();
shareModules();

// The shell uses what was set above, so it is loaded after it.
const { renderShell } = await import('./shell/render');
await renderShell();
