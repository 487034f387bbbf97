/**
 * Names of elements that tests look for and no reader sees. What has a role and a label is found by those instead.
 * One group a page or component; a group's values start with its name.
 */
export const testIds = {
  states: {
    loading: 'tidemark-loading',
    empty: 'tidemark-empty',
    error: 'tidemark-error',
  },
  chart: { container: 'tidemark-chart' },
  treemap: { container: 'tidemark-treemap' },
  sparkline: { container: 'tidemark-sparkline' },
} as const;
