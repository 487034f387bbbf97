export {
  bytesColumn,
  changeColumn,
  column,
  Figure,
  figureColumn,
  FigureWithNote,
  Line,
  linkColumn,
  momentColumn,
  NameLink,
  rateColumn,
  sparklineColumn,
} from './columns';
export { DataTable } from './DataTable';
