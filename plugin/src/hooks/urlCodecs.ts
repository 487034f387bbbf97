/** How a part of a page's state is written into the URL. What equals the default is left out. */
export interface UrlCodec<T> {
  readonly fallback: T;
  /** @param values of the parameter in the URL, none where it is absent; anybody may have typed them */
  read(values: readonly string[]): T;
  write(value: T): readonly string[];
}

export const text = (fallback = ''): UrlCodec<string> => ({
  fallback,
  read: ([value]) => value ?? fallback,
  write: (value) => (value === fallback ? [] : [value]),
});

export const flag = (fallback = false): UrlCodec<boolean> => ({
  fallback,
  read: ([value]) => (value === 'true' ? true : value === 'false' ? false : fallback),
  write: (value) => (value === fallback ? [] : [String(value)]),
});

export const wholeNumber = (fallback: number, least = 0, most = Number.MAX_SAFE_INTEGER): UrlCodec<number> => ({
  fallback,
  read: ([value]) => {
    const number = value === undefined || value.trim() === '' ? Number.NaN : Number(value);
    return Number.isInteger(number) && number >= least && number <= most ? number : fallback;
  },
  write: (value) => (value === fallback ? [] : [String(value)]),
});

export const oneOf = <T extends string>(choices: readonly T[], fallback: T): UrlCodec<T> => ({
  fallback,
  read: ([value]) => choices.find((choice) => choice === value) ?? fallback,
  write: (value) => (value === fallback ? [] : [value]),
});

/** A repeated parameter: `engine=mysql&engine=oracle`. */
export const list = (): UrlCodec<readonly string[]> => ({
  fallback: [],
  read: (values) => values.filter((value) => value !== ''),
  write: (value) => value,
});

export const numberList = (): UrlCodec<readonly number[]> => ({
  fallback: [],
  read: (values) => values.map(Number).filter((value) => Number.isInteger(value) && value > 0),
  write: (value) => value.map(String),
});
