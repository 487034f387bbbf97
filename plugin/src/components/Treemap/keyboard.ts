import type { Tile } from './layout';

/**
 * Where an arrow key leads: to the nearest tile in that direction, measured between the middles of the tiles.
 * @returns the index in `tiles`; the current one where there is none that way
 */
export function nextTile(tiles: readonly Tile[], current: number, key: string): number {
  if (key === 'Home') return 0;
  if (key === 'End') return tiles.length - 1;
  const from = tiles[current];
  const direction = directions[key];
  if (from === undefined || direction === undefined) return current;
  let best = current;
  let bestDistance = Infinity;
  tiles.forEach((tile, index) => {
    const [along, across] = direction(middleX(tile) - middleX(from), middleY(tile) - middleY(from));
    if (index === current || along <= 0) return;
    // What is straight ahead is nearer than what is beside it.
    const distance = along + 2 * Math.abs(across);
    if (distance < bestDistance) {
      best = index;
      bestDistance = distance;
    }
  });
  return best;
}

const middleX = ({ x, width }: Tile) => x + width / 2;
const middleY = ({ y, height, isGroup }: Tile) => (isGroup ? y : y + height / 2);

type Direction = (right: number, down: number) => readonly [along: number, across: number];

const directions: Readonly<Record<string, Direction>> = {
  ArrowRight: (right, down) => [right, down],
  ArrowLeft: (right, down) => [-right, down],
  ArrowDown: (right, down) => [down, right],
  ArrowUp: (right, down) => [-down, right],
};
