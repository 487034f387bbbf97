import { createReadStream, statSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';

const types = {
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.map': 'application/json',
  '.md': 'text/markdown',
  '.woff2': 'font/woff2',
};

/**
 * Sends a file of a folder; only that it is unchanged where the browser has it already.
 * @param {import('node:http').ServerResponse} response
 * @param {string} folder
 * @param {string} path below the folder
 * @returns {boolean} false where there is none, or where the path leads out of the folder
 */
export function sendFile(response, folder, path) {
  const file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder) + sep)) return false;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return false;
  const etag = `"${stat.size.toString(36)}-${stat.mtimeMs.toString(36)}"`;
  const headers = { etag, 'cache-control': 'no-cache' };
  if (response.req.headers['if-none-match'] === etag) {
    response.writeHead(304, headers).end();
    return true;
  }
  response.writeHead(200, {
    ...headers,
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': stat.size,
  });
  createReadStream(file).pipe(response);
  return true;
}
