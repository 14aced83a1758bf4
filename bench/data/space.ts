/** The space of the server that holds the places. It stands alone so that a floor carries nothing of Tidemark. */
export const placesSpace = 'places'
