/** What the reader of the preview chooses, kept in the browser. A Grafana server knows it from the profile. */
export interface Choices {
  readonly theme: 'dark' | 'light';
  readonly language: 'en-US' | 'zh-Hans';
  readonly role: 'Viewer' | 'Editor' | 'Admin';
}

const key = 'tidemark.preview';

export const choices = {
  theme: ['dark', 'light'],
  language: ['en-US', 'zh-Hans'],
  role: ['Admin', 'Editor', 'Viewer'],
} as const;

const defaults: Choices = { theme: 'dark', language: 'en-US', role: 'Admin' };

export function readChoices(): Choices {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<Choices>) };
  } catch {
    return defaults;
  }
}

/** Takes effect as in Grafana: with a new page. */
export function choose(change: Partial<Choices>): void {
  localStorage.setItem(key, JSON.stringify({ ...readChoices(), ...change }));
  location.reload();
}
