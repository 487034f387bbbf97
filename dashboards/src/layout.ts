import type { GridPos } from '@grafana/grafana-foundation-sdk/dashboard';

/** Grafana's dashboards are so many columns wide. */
const columns = 24;

/** Puts panels side by side, and into a new line where the last one is full: none overlaps another. */
export function placesOf(sizes: readonly { readonly width: number; readonly height: number }[], top = 0): GridPos[] {
  let x = 0;
  let y = top;
  let lineHeight = 0;
  return sizes.map(({ width, height }) => {
    if (x + width > columns) {
      y += lineHeight;
      x = 0;
      lineHeight = 0;
    }
    const place = { x, y, w: width, h: height };
    x += width;
    lineHeight = Math.max(lineHeight, height);
    return place;
  });
}
