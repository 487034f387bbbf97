export { foldSmall, type TreemapNode } from './layout';
export { Treemap } from './Treemap';
