import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { refusal } from '../../../plugin/preview/server/guard.mjs';
import { fillTemplate, matchRoute } from '../../../plugin/preview/server/routes.mjs';

const plugin = resolve(__dirname, '../../../plugin/src/datasource/plugin.json');
const { routes } = JSON.parse(readFileSync(plugin, 'utf8')) as {
  routes: { path: string; method: string; reqRole: string }[];
};
const route = (method: string, path: string, role: string) => matchRoute(routes, { method, path, role });
const isAllowed = (method: string, path: string, role: string) => {
  const { allowed, headers } = route(method, path, role);
  return allowed && headers.length === 1;
};

describe('who may do what through the data source', () => {
  test.each([
    'me',
    'facets',
    'instances',
    'instances/7/databases',
    'series',
    'events',
    'collections/3/records',
    'settings',
  ])('viewers read %s', (path) => expect(isAllowed('GET', `api/v1/${path}`, 'Viewer')).toBe(true));

  test.each(['tokens', 'audit', 'credentials', 'Tokens', 'x', '../v1/tokens', '/tokens', 'tok%65ns'])(
    'only administrators read %s',
    (path) => {
      expect(route('GET', `api/v1/${path}`, 'Viewer')).toEqual({ allowed: false, headers: [] });
      expect(route('GET', `api/v1/${path}`, 'Editor').allowed).toBe(false);
      expect(isAllowed('GET', `api/v1/${path}`, 'Admin')).toBe(true);
    },
  );

  test('editors start and cancel collections, viewers do not', () => {
    expect(isAllowed('POST', 'api/v1/collections', 'Editor')).toBe(true);
    expect(isAllowed('POST', 'api/v1/collections/3/cancel', 'Editor')).toBe(true);
    expect(route('POST', 'api/v1/collections', 'Viewer').allowed).toBe(false);
  });

  test.each([
    ['POST', 'instances'],
    ['PATCH', 'settings'],
    ['DELETE', 'instances/7'],
    ['POST', 'tokens'],
  ])('only administrators %s %s', (method, path) => {
    expect(route(method, `api/v1/${path}`, 'Editor').allowed).toBe(false);
    expect(isAllowed(method, `api/v1/${path}`, 'Admin')).toBe(true);
  });

  test('what no route knows goes without the token', () => {
    expect(route('PUT', 'api/v1/settings', 'Admin')).toEqual({ allowed: true, headers: [] });
    expect(route('GET', 'metrics', 'Viewer')).toEqual({ allowed: true, headers: [] });
  });
});

test('templates take the secrets that the data source has', () => {
  const data = { SecureJsonData: { apiToken: 'tmk_1' } };
  expect(fillTemplate('Bearer {{ .SecureJsonData.apiToken }}', data)).toBe('Bearer tmk_1');
  expect(fillTemplate('Bearer {{.SecureJsonData.other}}', data)).toBe('Bearer ');
});

describe('the preview answers its own pages on this machine only', () => {
  const reason = (headers: Record<string, string>, method = 'GET') =>
    refusal({ headers: { host: 'localhost:3000', ...headers }, method } as never);

  test.each([
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    [{ host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
    [{ host: '[::1]:3000' }],
  ])('%j is answered', (headers) => expect(reason(headers)).toBeNull());

  test.each([
    [{ host: 'attacker.example:3000' }],
    [{ origin: 'http://attacker.example' }],
    [{ origin: 'http://localhost:4000' }],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }],
  ])('%j is refused', (headers) => expect(reason(headers)).not.toBeNull());

  test('another page cannot navigate into a change', () => {
    expect(reason({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'POST')).not.toBeNull();
  });
});
