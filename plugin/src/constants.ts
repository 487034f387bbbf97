export const appId = 'tidemark-storage-app';
export const dataSourceType = 'tidemark-storage-datasource';
export const treemapPanelType = 'tidemark-treemap-panel';

/** Where Grafana shows the pages. */
export const appPath = `/a/${appId}`;

/** The uid of the data source that the app makes, and that its dashboards and provisioning name. */
export const dataSourceUid = 'tidemark';
