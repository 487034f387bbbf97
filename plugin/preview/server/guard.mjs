/** Names under which a browser on this machine reaches the preview. */
const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The preview acts with the exporter's token for whoever reaches it. It listens on the loopback address only; this keeps
 * out web pages that make the browser of the same machine reach it, by a name of their own (DNS rebinding) or from
 * another origin.
 * @param {import('node:http').IncomingMessage} request
 * @returns {string | null} why it is refused
 */
export function refusal(request) {
  const host = request.headers.host ?? '';
  if (!loopback.has(host.replace(/:\d+$/, ''))) return 'the preview answers on the loopback address only';
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) return 'the preview answers its own pages only';
  const site = request.headers['sec-fetch-site'];
  const isNavigation = request.headers['sec-fetch-mode'] === 'navigate' && request.method === 'GET';
  if ((site === 'cross-site' || site === 'same-site') && !isNavigation) {
    return 'the preview answers its own pages only';
  }
  return null;
}
