export { daysCodec, DaysPicker } from './DaysPicker';
export { fleetCodecs, FleetFilters } from './FleetFilters';
export { SearchInput } from './SearchInput';
