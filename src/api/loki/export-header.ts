/** The header of a page behind which there are more: the range of time to ask for next, `start end`. */
export const NEXT_PAGE_HEADER = 'x-fleetglass-next'
