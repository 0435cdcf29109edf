// Dates as written (2025, 2025-10, 2025-10-31) and how they compare: on the precision that both have.

/** -1, 0 or 1. A year and a day of that year are equal: nothing says that one came first. */
export const compareDates = (one, other) => {
  const shared = Math.min(one.length, other.length);
  const a = one.slice(0, shared);
  const b = other.slice(0, shared);
  return a < b ? -1 : a > b ? 1 : 0;
};

export const hasCome = (date, asked) => compareDates(date, asked) <= 0;

/** The first day that a date may mean. */
export const firstOf = (date) => `${date}-01-01`.slice(0, 10);

/** The last day that a date may mean. */
export const lastOf = (date) => {
  if (date.length === 10) return date;
  const [year, month] = date.split("-").map(Number);
  return month ? new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10) : `${year}-12-31`;
};

/** Dates in order of their first day, each once. */
export const sortedDates = (dates) => [...new Set(dates)].sort();
