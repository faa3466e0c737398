export { select, selectAll, pointer } from "d3-selection";
export { scaleUtc, scaleSqrt } from "d3-scale";
export { zoom, zoomIdentity, zoomTransform } from "d3-zoom";
export { geoNaturalEarth1, geoPath, geoGraticule10 } from "d3-geo";
export { feature, mesh } from "topojson-client";
