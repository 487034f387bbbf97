import type { PluginMeta } from '@grafana/data';

import { pluginMeta } from '../services/plugins';

export const appId = 'tidemark-storage-app';

export interface NavItem {
  readonly text: string;
  readonly url: string;
}

/** The pages of the app that its plugin.json puts into Grafana's menu, for the role of the user. */
export function appPages(role: string): NavItem[] {
  const isAdmin = role === 'Admin';
  return (pluginMeta(appId).includes ?? [])
    .filter((include) => include.type === ('page' as string) && include.addToNav === true)
    .filter((include) => isAdmin || include.role !== 'Admin')
    .map((include) => ({ text: include.name, url: (include.path ?? '').replace('%PLUGIN_ID%', appId) }));
}

/** Of the page that an address belongs to: the longest that it starts with. */
export function currentPage(pages: readonly NavItem[], pathname: string): NavItem | undefined {
  return pages
    .filter(({ url }) => pathname === url || pathname.startsWith(`${url}/`))
    .sort((one, other) => other.url.length - one.url.length)[0];
}

/** What the plugin is called in the menu. */
export const appName = (): string => (pluginMeta(appId) as PluginMeta).name;
