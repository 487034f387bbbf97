import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { MetricsAccess } from '../config/http.ts';
import { TidemarkError } from '../errors.ts';

/** Lets scrapers in that have the token or the password; everybody where none is set. */
export function guardMetrics({ token, basic }: MetricsAccess): RequestHandler {
  const accepted = [
    ...(token === null ? [] : [`Bearer ${token.reveal()}`]),
    ...(basic === null ? [] : [`Basic ${base64(`${basic.username}:${basic.password.reveal()}`)}`]),
  ].map(digestOf);
  const challenge = [...(token === null ? [] : ['Bearer']), ...(basic === null ? [] : ['Basic'])]
    .map((scheme) => `${scheme} realm="Tidemark"`)
    .join(', ');
  return (request, response, next) => {
    const presented = digestOf(request.get('authorization') ?? '');
    // All are compared, and digests of one length in constant time.
    const matches = accepted.map((digest) => timingSafeEqual(digest, presented));
    if (accepted.length === 0 || matches.includes(true)) {
      next();
      return;
    }
    response.set('www-authenticate', challenge);
    throw new TidemarkError('unauthorized', 'expected what TIDEMARK_METRICS_… of the exporter names');
  };
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
