// SPDX-License-Identifier: GPL-3.0-or-later
import type { Palette } from "../chart/palette";

export function Swatch(props: { palette: Palette; endpoint: string | null }) {
	const colour = `var(${props.palette.property(props.endpoint)})`;

	return <span class="swatch" style={{ background: colour }} aria-hidden="true" />;
}
