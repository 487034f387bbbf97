import type { TidemarkQuery } from './types';

/** A query in one line, for Explore's history. */
export function displayText(query: TidemarkQuery): string {
  const filters = Object.entries(query.filters)
    .filter(([, values]) => values.length > 0)
    .map(([kind, values]) => `${kind}: ${values.join(', ')}`);
  return [subject(query), ...filters].join('; ');
}

function subject(query: TidemarkQuery): string {
  switch (query.queryType) {
    case 'series':
      return `${query.measure} by ${query.groupLabel ?? query.groupBy}, ${query.calculation}`;
    case 'growth':
      return `growth by ${query.groupLabel ?? query.groupBy}`;
    case 'collections':
      return query.show;
    case 'storage':
      return `${query.scope}, ${query.show}`;
    case 'events':
      return `events (${query.kinds.join(', ')})`;
    default:
      return query.queryType;
  }
}
