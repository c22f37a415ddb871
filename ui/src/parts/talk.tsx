// SPDX-License-Identifier: GPL-3.0-or-later
// Who a device talks to: the chart, its legend and the table, all of one span
// of time, renewed as each window of the device ends.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../api";
import type { Endpoints, ListedDevice, Traffic } from "../api";
import { Bandwidth } from "../chart/bandwidth";
import { Palette } from "../chart/palette";
import { SPANS, WINDOW_MS, reach } from "../spans";
import type { Span } from "../spans";
import { load, now, windows } from "../store";
import { EndpointTable } from "./endpoint-table";
import { Legend } from "./legend";
import { Quiet } from "./quiet";

interface Talked {
	span: Span;
	traffic: Traffic;
	endpoints: Endpoints;
}

export function Talk({ device }: { device: ListedDevice }) {
	const span = useSignal(SPANS[0]!);
	const talked = useSignal<Talked | null>(null);
	const point = useSignal<number | null>(null);
	const palette = useRef(new Palette()).current;
	const { from, to } = reach(span.value, heardUntil(device.id));

	useEffect(() => {
		let current = true;
		const asked = span.value;

		void load(() =>
			Promise.all([
				api.traffic(device.id, from, to, asked.step),
				api.endpoints(device.id, from, to),
			]),
		).then((answer) => {
			if (!current || !answer) return;
			const [traffic, endpoints] = answer;
			palette.assign(traffic.series.flatMap((one) => one.endpoint ?? []));
			talked.value = { span: asked, traffic, endpoints };
		});
		return () => {
			current = false;
		};
	}, [device.id, span.value, to]);

	return (
		<section class="talk">
			<div class="title-line">
				<h2>Who it talks to</h2>
				<Spans chosen={span.value} onChoose={(one) => (span.value = one)} />
			</div>
			{talked.value && talked.value.endpoints.endpoints.length === 0 ? (
				<Quiet device={device} span={talked.value.span} />
			) : (
				talked.value && (
					<>
						<figure class="card">
							<Bandwidth
								traffic={talked.value.traffic}
								palette={palette}
								onPoint={(index) => (point.value = index)}
							/>
							<Legend
								traffic={talked.value.traffic}
								palette={palette}
								point={point.value}
							/>
						</figure>
						<EndpointTable
							found={talked.value.endpoints}
							span={talked.value.span}
							palette={palette}
						/>
					</>
				)
			)}
		</section>
	);
}

/** Until when the device's traffic is known: its last window's end. */
function heardUntil(id: string): number {
	const window = windows.value.get(id);

	return Math.max(
		window === undefined ? 0 : window.start + WINDOW_MS,
		now.value - 2 * WINDOW_MS,
	);
}

function Spans(props: { chosen: Span; onChoose: (span: Span) => void }) {
	return (
		<div class="spans" role="group" aria-label="Length of time shown">
			{SPANS.map((span) => (
				<button
					key={span.label}
					type="button"
					aria-pressed={span === props.chosen}
					onClick={() => props.onChoose(span)}
				>
					{span.label}
				</button>
			))}
		</div>
	);
}
