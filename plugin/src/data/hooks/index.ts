export * from './administration';
export * from './collections';
export * from './context';
export * from './fleet';
export * from './instances';
export * from './useApi';
export * from './useCsvDownload';
export * from './usePermissions';
