export const appId = 'tidemark-storage-app';
export const dataSourceType = 'tidemark-storage-datasource';
export const treemapPanelType = 'tidemark-treemap-panel';

/** Where Grafana shows the pages. */
export const appPath = `/a/${appId}`;
