/** Colours repeat what shapes and words say. Part of the report's style sheet. */
export const PICTURE_STYLE = `
.picture{display:block;width:100%;height:auto;margin:0}.picture.down{display:none;max-width:24rem}
.picture text{font:11px system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}
.picture.across text{text-anchor:middle}.picture.across .band text{text-anchor:start}.picture.across .key{text-anchor:end}
.picture .who{font:10.5px var(--mono)}.picture .name{fill:var(--soft);font-size:10px}.picture .hop{font-weight:700}.picture .key{font-weight:650}
.picture .band rect{fill:var(--tint);stroke:none}.picture .band.b1 rect{fill:none}.picture .band text{fill:var(--soft);font-size:10px}
.picture .rail{stroke:var(--note);stroke-width:3}.picture .rail.beside{stroke:var(--soft);stroke-width:2.5}.picture .key.beside{fill:var(--soft)}
.picture .here{fill:var(--ink)}.picture .stop{fill:var(--note);stroke:var(--note);stroke-width:2}.picture .stop.beside{fill:var(--soft);stroke:var(--soft)}
.picture .stop.mute{fill:var(--card);stroke-dasharray:2.5 2.5}.picture .stop.refuses{fill:var(--bad);stroke:var(--bad);stroke-dasharray:none}.picture .stop.accepts{fill:var(--good);stroke:var(--good);stroke-dasharray:none}
.picture.well .rail.target{stroke:var(--good)}.picture.well .stop:not(.beside){stroke:var(--good)}.picture.well .stop.heard:not(.beside){fill:var(--good)}
.picture .gap rect{fill:var(--bad);fill-opacity:.14;stroke:var(--bad);stroke-dasharray:4 3}.picture .gap path{stroke:var(--bad);stroke-width:3;fill:none}
.picture .back path{stroke:var(--bad);stroke-width:2;fill:none}
.picture.rails{max-width:640px}.picture.rails .rail{fill:none}.picture.rails .rail.open{stroke:var(--good)}.picture.rails .rail.nothing,.picture.rails .rail.lost{stroke:var(--soft);stroke-dasharray:4 4}.picture.rails .rail.lost{stroke-width:1.5}.picture.rails .left{text-anchor:end}.picture.rails .mid{text-anchor:middle}
@media (max-width:640px){.picture.across{display:none}.picture.down{display:block}}
@media print{.picture.across{display:block}.picture.down{display:none}}
`;
