export {
  bytesColumn,
  changeColumn,
  column,
  Figure,
  figureColumn,
  Line,
  linkColumn,
  momentColumn,
  NameLink,
  rateColumn,
  sparklineColumn,
} from './columns';
export { DataTable } from './DataTable';
