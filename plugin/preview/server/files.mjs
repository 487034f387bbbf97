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
 * Sends a file of a folder.
 * @returns {boolean} false where there is none, or where the path leads out of the folder
 */
export function sendFile(response, folder, path) {
  const file = normalize(join(folder, path));
  if (!file.startsWith(normalize(folder) + sep)) return false;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) return false;
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    'content-length': stat.size,
    'cache-control': 'no-cache',
  });
  createReadStream(file).pipe(response);
  return true;
}
