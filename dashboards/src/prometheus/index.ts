export { collections } from './collections.ts';
export { databaseGrowth } from './growth.ts';
export { fleetStorage } from './fleet.ts';
export { instanceStorage } from './instance.ts';
