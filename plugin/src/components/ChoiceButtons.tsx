import { css, cx } from '@emotion/css';
import { RadioButtonGroup } from '@grafana/ui';
import React, { type ComponentProps } from 'react';

/** Grafana cuts the texts of the choices where there is little room; these go on in the next line instead. */
const wrapped = css({ flexWrap: 'wrap' });

/** One of a few choices that are all in sight. */
export function ChoiceButtons<T>({ className, ...props }: ComponentProps<typeof RadioButtonGroup<T>>) {
  return <RadioButtonGroup<T> {...props} className={cx(wrapped, className)} />;
}
