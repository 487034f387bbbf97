export {
  bytesColumn,
  changeColumn,
  column,
  Figure,
  figureColumn,
  linkColumn,
  rateColumn,
  sparklineColumn,
} from './columns';
export { DataTable } from './DataTable';
