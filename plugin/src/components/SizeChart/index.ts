export type { ChartSeries, ChartStyle } from './frame';
export type { ChartMark } from './marks';
export { SizeChart } from './SizeChart';
