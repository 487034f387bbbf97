import type { Format } from './text.ts';

interface Accepted {
  readonly type: string;
  readonly version: string | null;
  readonly quality: number;
}

/**
 * The format that a scraper asks for. OpenMetrics only for those who name it; whoever takes anything (a browser, curl) gets the
 * older one. Parameters other than version and q are passed over: Prometheus 3 adds some that change nothing here.
 */
export function formatFor(accept: string | undefined): Format {
  const accepted = (accept ?? '').split(',').map(parse);
  const openmetrics = accepted
    .filter(({ type, version }) => type === 'application/openmetrics-text' && isKnown(version))
    .map(({ quality }) => quality);
  const text = accepted.filter(({ type }) => type === 'text/plain' || type === 'text/*').map(({ quality }) => quality);
  const wanted = Math.max(0, ...openmetrics);
  return wanted > 0 && wanted >= Math.max(0, ...text) ? 'openmetrics' : 'text';
}

function isKnown(version: string | null): boolean {
  return version === null || version === '1.0.0' || version === '0.0.1';
}

function parse(part: string): Accepted {
  const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
  const named = new Map(
    parameters.map((parameter) => parameter.split('=', 2).map((side) => side.trim()) as [string, string]),
  );
  const quality = Number(named.get('q') ?? '1');
  return { type, version: named.get('version') ?? null, quality: Number.isFinite(quality) ? quality : 0 };
}
