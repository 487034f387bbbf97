export * from './bytes';
export * from './days';
export * from './numbers';
export * from './time';
export * from './text';
