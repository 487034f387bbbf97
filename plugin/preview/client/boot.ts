/**
 * What a Grafana server has written into its page before any of its scripts runs. The libraries read it while they
 * load, so the host itself is imported after it.
 */
import { readChoices } from './choices';

const { theme, language, role } = readChoices();
const boot = await (await fetch('/preview/boot.json')).json();

Object.assign(window, {
  tidemarkPreview: boot,
  grafanaBootData: {
    assets: { dark: '', light: '' },
    navTree: [],
    settings: {
      appSubUrl: '',
      appUrl: `${location.origin}/`,
      buildInfo: { version: boot.grafanaVersion, commit: 'preview', env: 'production', edition: 'Open Source' },
      datasources: {},
      panels: {},
      apps: {},
      featureToggles: {},
      defaultDatasource: 'Tidemark',
      exploreEnabled: true,
      dateFormats: {
        fullDate: 'YYYY-MM-DD HH:mm:ss',
        useBrowserLocale: false,
        interval: {
          millisecond: 'HH:mm:ss.SSS',
          second: 'HH:mm:ss',
          minute: 'HH:mm',
          hour: 'MM/DD HH:mm',
          day: 'MM/DD',
          month: 'YYYY-MM',
          year: 'YYYY',
        },
        defaultTimezone: 'browser',
      },
    },
    user: {
      isSignedIn: true,
      id: 1,
      login: 'preview',
      name: 'Preview',
      orgId: 1,
      orgName: 'Main Org.',
      orgRole: role,
      isGrafanaAdmin: role === 'Admin',
      theme,
      language,
      locale: language,
      timezone: 'browser',
      permissions: {},
    },
  },
});

document.documentElement.lang = language;
await import('./main');
