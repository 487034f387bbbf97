import { css } from '@emotion/css';
import { colorManipulator, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import React, { useMemo, useRef, useState, type KeyboardEvent } from 'react';

import { testIds } from '../../testIds';
import { nextTile } from './keyboard';
import { groupEdgeHeight, groupHeaderHeight, layoutTreemap, subtree, type Tile, type TreemapNode } from './layout';

interface TreemapProps {
  readonly root: TreemapNode;
  readonly width: number;
  readonly height: number;
  /** What the picture shows, for those who do not see it. */
  readonly label: string;
  readonly formatValue: (value: number) => string;
  /** What leads back to the whole, at the start of the way to an opened group. */
  readonly allLabel: string;
  /** Follows a link without loading the page anew; a plain link unless said. */
  readonly onFollow?: (href: string) => void;
}

const barHeight = 24;

/**
 * Who occupies the space: each tile is as large as its value. A click opens a group, or leads where the tile's link
 * leads; with the keyboard, arrows go from tile to tile, Enter is a click, Escape goes back.
 */
export const Treemap = ({ root, width, height, label, formatValue, allLabel, onFollow }: TreemapProps) => {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const [opened, setOpened] = useState<readonly string[]>([]);
  const [focused, setFocused] = useState(0);
  const list = useRef<HTMLUListElement>(null);

  const shown = subtree(root, opened);
  const isOpen = shown !== root;
  const tiles = useMemo(
    () => layoutTreemap(shown, width, height - (isOpen ? barHeight : 0)),
    [shown, width, height, isOpen],
  );
  const open = (path: readonly string[]) => {
    setOpened(path);
    setFocused(0);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && isOpen) return open(opened.slice(0, -1));
    const next = nextTile(tiles, focused, event.key);
    if (next === focused) return undefined;
    event.preventDefault();
    setFocused(next);
    list.current?.querySelector<HTMLElement>(`[data-tile="${next}"]`)?.focus();
    return undefined;
  };

  return (
    <div style={{ width, height }} data-testid={testIds.treemap.container}>
      {isOpen && (
        <nav className={styles.bar}>
          <button type="button" className={styles.back} onClick={() => open([])}>
            {allLabel}
          </button>
          {opened.map((name, index) => (
            <React.Fragment key={name}>
              <span aria-hidden>›</span>
              <button
                type="button"
                className={styles.back}
                aria-current={index === opened.length - 1}
                onClick={() => open(opened.slice(0, index + 1))}
              >
                {name}
              </button>
            </React.Fragment>
          ))}
        </nav>
      )}
      <ul ref={list} className={styles.tiles} aria-label={label} onKeyDown={onKeyDown}>
        {tiles.map((tile, index) => (
          <TreemapTile
            key={tile.path.join('\u0000')}
            tile={tile}
            index={index}
            isFocused={index === Math.min(focused, tiles.length - 1)}
            color={tile.node.color ?? colorOf(tile, theme)}
            formatValue={formatValue}
            onFocus={() => setFocused(index)}
            onOpen={() => open([...opened, ...tile.path])}
            onFollow={onFollow}
          />
        ))}
      </ul>
    </div>
  );
};

interface TileProps {
  readonly tile: Tile;
  readonly index: number;
  readonly isFocused: boolean;
  readonly color: string;
  readonly formatValue: (value: number) => string;
  readonly onFocus: () => void;
  readonly onOpen: () => void;
  readonly onFollow: ((href: string) => void) | undefined;
}

const TreemapTile = ({ tile, index, isFocused, color, formatValue, onFocus, onOpen, onFollow }: TileProps) => {
  const styles = useStyles2(getStyles);
  const theme = useTheme2();
  const { node, path, value, share, isGroup } = tile;
  const words = `${path.join(' › ')}: ${formatValue(value)}, ${Math.round(share * 1000) / 10} %${node.note === undefined ? '' : `, ${node.note}`}`;
  const isRoomy = tile.width > 40 && tile.height > 16;
  const common = {
    className: styles.tile,
    style: {
      background: isGroup ? theme.colors.background.secondary : color,
      color: isGroup ? theme.colors.text.primary : theme.colors.getContrastText(color, 4.5),
      borderTop: isGroup ? `${groupEdgeHeight}px solid ${color}` : undefined,
    },
    title: words,
    'aria-label': words,
    'data-tile': index,
    tabIndex: isFocused ? 0 : -1,
    onFocus,
  };
  const text = isRoomy && (
    <span className={styles.text} style={isGroup ? { height: groupHeaderHeight - groupEdgeHeight } : undefined}>
      {node.name}
      {(isGroup || tile.height > 34) && ` ${formatValue(value)}`}
    </span>
  );
  return (
    <li className={styles.place} style={{ left: tile.x, top: tile.y, width: tile.width, height: tile.height }}>
      {isGroup && node.href === undefined && (
        <button type="button" {...common} onClick={onOpen}>
          {text}
        </button>
      )}
      {!isGroup && node.href === undefined && (
        <div role="img" {...common}>
          {text}
        </div>
      )}
      {node.href !== undefined && (
        <a
          {...common}
          href={node.href}
          onClick={(event) => {
            if (onFollow === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
            event.preventDefault();
            onFollow(node.href ?? '');
          }}
        >
          {text}
        </a>
      )}
    </li>
  );
};

/** The palette's colour, toned down: here it fills areas, there it draws lines. */
function colorOf({ branch }: Tile, theme: GrafanaTheme2): string {
  const { palette } = theme.visualization;
  const color = theme.visualization.getColorByName(palette[branch % palette.length] ?? 'blue');
  return theme.isDark ? colorManipulator.darken(color, 0.4) : colorManipulator.lighten(color, 0.4);
}

const getStyles = (theme: GrafanaTheme2) => {
  const plain = css({
    border: 0,
    padding: 0,
    background: 'none',
    font: 'inherit',
    color: theme.colors.text.link,
    cursor: 'pointer',
  });
  return {
    bar: css({ height: barHeight, display: 'flex', gap: theme.spacing(1), alignItems: 'center' }),
    back: plain,
    tiles: css({ position: 'relative', listStyle: 'none', margin: 0, padding: 0 }),
    place: css({ position: 'absolute' }),
    tile: css({
      // A button would put its text into the middle, below the tiles of its group.
      display: 'flex',
      alignItems: 'flex-start',
      width: '100%',
      height: '100%',
      border: 0,
      padding: 0,
      overflow: 'hidden',
      textAlign: 'left',
      '&:is(a, button)': { cursor: 'pointer' },
      borderRadius: theme.shape.radius.default,
      '&:hover': { filter: 'brightness(1.1)' },
      '&:focus-visible': { outline: `2px solid ${theme.colors.primary.main}`, outlineOffset: -2 },
    }),
    text: css({
      display: 'block',
      padding: theme.spacing(0.25, 0.5),
      fontSize: theme.typography.bodySmall.fontSize,
      lineHeight: theme.typography.bodySmall.lineHeight,
      whiteSpace: 'nowrap',
      overflow: 'hidden',
      textOverflow: 'ellipsis',
    }),
  };
};
