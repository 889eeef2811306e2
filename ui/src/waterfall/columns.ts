/** The columns of the waterfall: names, durations, bars. Its axis, its rows and its minimap share them. */
export const COLUMNS =
  "grid grid-cols-[minmax(9rem,46%)_minmax(0,1fr)] sm:grid-cols-[minmax(12rem,32%)_4.75rem_minmax(0,1fr)]";
