import { dateTime, type RawTimeRange, type TimeRange } from '@grafana/data';
import { TimeRangePicker } from '@grafana/ui';
import React from 'react';

interface RangePickerProps {
  readonly value: TimeRange;
  readonly onChange: (raw: RawTimeRange) => void;
}

/** Grafana's picker of a range of days. */
export const RangePicker = ({ value, onChange }: RangePickerProps) => {
  const length = value.to.valueOf() - value.from.valueOf();
  const move = (from: number, to: number) => onChange({ from: dateTime(from), to: dateTime(to) });
  const [from, to] = [value.from.valueOf(), value.to.valueOf()];
  return (
    <TimeRangePicker
      isOnCanvas
      value={value}
      onChange={({ raw }) => onChange(raw)}
      onChangeTimeZone={() => undefined}
      onMoveBackward={() => move(from - length / 2, to - length / 2)}
      onMoveForward={() => move(from + length / 2, Math.min(to + length / 2, Date.now()))}
      onZoom={() => move(from - length / 2, Math.min(to + length / 2, Date.now()))}
    />
  );
};
