export { daysCodec, DaysPicker } from './DaysPicker';
export { fleetCodecs, FleetFilters } from './FleetFilters';
export { ManyFilter } from './ManyFilter';
export { SearchInput } from './SearchInput';
