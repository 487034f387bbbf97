import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { fillTemplate, matchRoute } from './routes.mjs';

/** Headers that are between two neighbours, or that Grafana's proxy does not pass on. */
const dropped = new Set([
  'host',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'cookie',
  'origin',
  'referer',
  'authorization',
  'x-preview-role',
]);

/**
 * Passes a request on to where a data source points, with what its routes add.
 * @param {{request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse, path: string,
 *   search: string, source: any, routes: any[], role: string}} what `path` below the data source, undecoded
 */
export function proxy({ request, response, path, search, source, routes, role }) {
  const { allowed, headers } = matchRoute(routes, { method: request.method, path: decodeURI(path), role });
  if (!allowed) return answer(response, 403, 'plugin proxy route access denied');
  let target;
  try {
    target = new URL(`${source.url.replace(/\/$/, '')}/${path}${search}`);
  } catch {
    return answer(response, 400, `the data source has no usable URL ("${source.url}")`);
  }
  const sent = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !dropped.has(name)));
  const secrets = { SecureJsonData: source.secureJsonData ?? {}, JsonData: source.jsonData ?? {} };
  for (const { name, content } of headers) sent[name.toLowerCase()] = fillTemplate(content, secrets);

  const send = target.protocol === 'https:' ? httpsRequest : httpRequest;
  const options = { method: request.method, headers: sent, timeout: 60_000, ...tlsOf(source) };
  const outgoing = send(target, options, (incoming) => {
    const passed = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !dropped.has(name)));
    delete passed['set-cookie'];
    response.writeHead(incoming.statusCode ?? 502, passed);
    incoming.pipe(response);
    incoming.on('error', () => response.destroy());
  });
  outgoing.on('timeout', () => outgoing.destroy(new Error('no answer within 60 seconds')));
  outgoing.on('error', (error) => {
    if (response.headersSent) response.destroy();
    else answer(response, 502, `Bad Gateway: ${error.message || error.code}`);
  });
  response.on('close', () => outgoing.destroy());
  request.pipe(outgoing);
}

/** As Grafana reads the settings of a data source. */
function tlsOf({ jsonData, secureJsonData }) {
  return {
    rejectUnauthorized: jsonData?.tlsSkipVerify !== true,
    ...(jsonData?.tlsAuthWithCACert === true ? { ca: secureJsonData?.tlsCACert } : {}),
  };
}

function answer(response, status, message) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ message }));
}
