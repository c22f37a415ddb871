#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""study_pandas.py RELEASE OUT: the study's tables by pandas.

RELEASE is a full release (iot-study release --full); OUT gets the CSV files
that iot-study report writes, but for those that need lists of ours (platforms,
weak cipher suites). Written as a researcher would: whole files in memory, one
group-by after the other. bench/study.py compares both."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

MIN_DEVICES = 10
COUNTS = ["validated", "not_validated", "no_data"]
METHODS = ["domain_common", "domain_vendor", "discovery", "oui"]
STEPS = [("< 5 min", 0), ("5 to 15 min", 5), ("15 to 30 min", 15),
         ("30 to 60 min", 30), ("1 to 3 h", 60), ("3 to 12 h", 180),
         ("12 to 24 h", 720), (">= 24 h", 1440)]


def squeezed(text):
    return re.sub(r"[^a-z0-9]+", "", str(text).lower())


def worded(text):
    return re.sub(r"[^a-z0-9]+", " ", str(text).lower()).strip()


class Study:
    def __init__(self, folder):
        def read(name, **how):
            return pd.read_csv(folder / (name + ".csv"), **how)

        texts = {"keep_default_na": False, "na_values": [""]}
        self.users = read("users")
        self.devices = read("devices", **texts)
        self.labels = read("labels", **texts)
        self.clues = read("clues", **texts)
        self.endpoints = read("endpoints", **texts)
        self.views = read("views", **texts)
        self.hellos = read("hellos", usecols=["device", "ja4"], **texts)
        self.standard = read("standard", **texts)
        self.standard = self.standard[self.standard.method == "paper"]
        self.flows = read("flows", usecols=["device", "end", "endpoint",
                                            "remote_port", "local"])
        self.prepare()

    def prepare(self):
        away = self.flows[~self.flows.local]
        contact = away.assign(plaintext=away.remote_port == 80)[
            ["device", "endpoint", "plaintext"]].drop_duplicates()
        self.contact = contact.merge(self.endpoints, on="endpoint")
        named = self.contact[self.contact.domain.notna()]
        self.domains = named.assign(
            guessed=named.inferred.fillna(False).astype(bool)).groupby(
            ["device", "domain"], as_index=False).guessed.all()
        self.owner = self.devices.set_index("device").user
        windows = self.flows[["device", "end"]].drop_duplicates()
        windows = windows.assign(user=windows.device.map(self.owner))
        windows = windows[["user", "end"]].dropna().drop_duplicates()
        self.activity = windows.assign(day=(windows.end - 5) // 86400).groupby(
            ["user", "day"]).size().rename("windows").reset_index()
        seen = self.flows.device.unique()
        self.monitored = self.devices[self.devices.device.isin(seen)]
        full = self.labels[self.labels.category.notna()
                           & self.labels.vendor.notna()]
        self.labelled = self.monitored[
            self.monitored.device.isin(full.device)]
        self.active = pd.DataFrame({
            "minutes": self.activity.groupby("user").windows.sum() * 5 / 60,
            "inspected": self.monitored.groupby("user").size()}).dropna()
        self.active["labelled"] = self.labelled.groupby("user").size()
        self.standard = self.standard[["device", "vendor", "name"]].merge(
            self.devices[["device", "user", "manufacturer"]], on="device")
        self.outcomes = {certain: self.validate(certain)
                         for certain in (False, True)}
        valid = (self.outcomes[False] == "validated").any(axis=1)
        self.validated = self.standard[
            self.standard.device.isin(valid[valid].index)]

    def validate(self, certain):
        things = self.standard.set_index("device")
        domains = self.domains[~self.domains.guessed] if certain \
            else self.domains
        seen = domains.merge(things.vendor.reset_index(), on="device")
        of_vendor = things.vendor.map(things.vendor.value_counts())
        out = pd.DataFrame("no_data", index=things.index, columns=METHODS)

        crowd = seen[seen.domain != "ntp.org"]
        crowd = crowd[crowd.device.map(of_vendor) >= 10]
        counts = crowd.groupby(["vendor", "domain"]).size().rename(
            "n").reset_index().sort_values(
            ["vendor", "n", "domain"], ascending=[True, False, True])
        best = counts.drop_duplicates("vendor").set_index("vendor")
        best = best[2 * best.n > things.vendor.value_counts().reindex(
            best.index)].domain
        out.loc[crowd.device.unique(), "domain_common"] = "not_validated"
        is_common = crowd.domain == crowd.vendor.map(best)
        out.loc[crowd[is_common].device.unique(),
                "domain_common"] = "validated"

        out.loc[seen.device.unique(), "domain_vendor"] = "not_validated"
        pairs = seen[["vendor", "domain"]].drop_duplicates()
        pairs["hit"] = [squeezed(v) != "" and squeezed(v) in squeezed(d)
                        for v, d in zip(pairs.vendor, pairs.domain)]
        hits = seen.merge(pairs[pairs.hit], on=["vendor", "domain"])
        out.loc[hits.device.unique(), "domain_vendor"] = "validated"

        replies = self.clues[self.clues.kind.str.match("(mdns|ssdp|upnp)_")]
        replies = replies.merge(things.vendor.reset_index(), on="device")
        out.loc[replies.device.unique(), "discovery"] = "not_validated"
        hit = [worded(v) != "" and worded(v) in worded(t)
               for v, t in zip(replies.vendor, replies.text)]
        out.loc[replies[hit].device.unique(), "discovery"] = "validated"

        known = things[things.manufacturer.notna()]
        out.loc[known.index, "oui"] = "not_validated"
        hit = [worded(v) != "" and worded(v) in worded(m)
               for v, m in zip(known.vendor, known.manufacturer)]
        out.loc[known[hit].index, "oui"] = "validated"
        return out

    def table1(self, certain=False):
        outcomes = self.outcomes[certain]
        return pd.DataFrame([[m] + [(outcomes[m] == c).mean() for c in COUNTS]
                             for m in METHODS], columns=["method"] + COUNTS)

    def table1_certain(self):
        return self.table1(True)

    def agreement(self):
        methods = [(self.outcomes[certain] == "validated").sum(axis=1)
                   for certain in (False, True)]
        return pd.DataFrame([[n] + [figure for m in methods for figure in (
            (m >= n).sum(), (m >= n).mean())] for n in (1, 2, 3, 4)],
            columns=["at_least", "devices", "share", "devices_certain",
                     "share_certain"])

    def table2(self):
        named = self.validated.groupby(["vendor", "name"]).size().rename(
            "n").reset_index().sort_values(
            ["vendor", "n", "name"], ascending=[True, False, True])
        rank = named.groupby("vendor").cumcount()
        rows = self.validated.groupby("vendor").agg(
            devices=("device", "size"), users=("user", "nunique"))
        for place in (0, 1):
            part = named[rank == place].set_index("vendor")
            rows["name_%d" % (place + 1)] = part.name
            rows["share_%d" % (place + 1)] = part.n / rows.devices
        return rows.reset_index().sort_values(
            ["devices", "vendor"], ascending=[False, True])

    def table3(self):
        return self.validated.groupby("name").agg(
            devices=("device", "size"), vendors=("vendor", "nunique"),
            users=("user", "nunique")).reset_index().sort_values(
            ["devices", "name"], ascending=[False, True])

    def by_vendor(self, **devices):
        """Share of each vendor's devices that are among some."""
        rows = self.validated.assign(**{
            name: self.validated.device.isin(some)
            for name, some in devices.items()})
        return rows.groupby("vendor").agg(
            devices=("device", "size"),
            **{name: (name, "mean") for name in devices}).reset_index()

    def table4(self):
        plain = self.contact[self.contact.plaintext]
        tracker = plain.tracker.fillna(False).astype(bool)
        certain = tracker & ~plain.inferred.fillna(False).astype(bool)
        rows = self.by_vendor(any_plaintext=plain.device,
                              to_non_trackers=plain.device[~tracker],
                              to_trackers=plain.device[tracker],
                              to_non_trackers_certain=plain.device[~certain],
                              to_trackers_certain=plain.device[certain])
        rows = rows[rows.devices >= MIN_DEVICES].assign(
            min_devices=MIN_DEVICES)
        return rows.sort_values(["any_plaintext", "vendor"],
                                ascending=[False, True])

    def tracking(self):
        tracker = self.contact.tracker.fillna(False).astype(bool)
        certain = tracker & ~self.contact.inferred.fillna(False).astype(bool)
        return self.by_vendor(
            to_trackers=self.contact.device[tracker],
            to_trackers_certain=self.contact.device[certain]).sort_values(
            ["to_trackers", "vendor"], ascending=[False, True])

    def table5(self):
        offset = self.validated.user.map(
            self.users.set_index("user").utc_offset_min)
        grouped = self.validated.assign(zones=np.select(
            [offset.between(-420, -240), offset.between(0, 180)],
            ["UTC -07:00 to -04:00", "UTC +00:00 to +03:00"], ""))
        sized = grouped.groupby("zones").vendor.nunique()
        rows = grouped.merge(self.contact[self.contact.country.notna()],
                             on="device")
        rows = rows[rows.zones != ""]
        keys = ["zones", "country"]
        out = pd.DataFrame({
            "any": rows.groupby(keys).vendor.nunique(),
            "plain": rows[rows.plaintext].groupby(keys).vendor.nunique(),
        }).fillna(0).reset_index()
        out["vendors_in_group"] = out.zones.map(sized)
        out["any_port"] = out["any"] / out.vendors_in_group
        out["port_80"] = out.plain / out.vendors_in_group
        out = out.sort_values(["zones", "any", "country"],
                              ascending=[False, False, True])
        return out.groupby("zones", sort=False).head(10)[
            ["zones", "country", "any_port", "port_80", "vendors_in_group"]]

    def figure3(self):
        first = self.activity.groupby("user").day.transform("min")
        is_new = self.activity.day == first
        days = range(int(self.activity.day.min()),
                     int(self.activity.day.max()) + 1)
        new = self.activity[is_new].groupby("day").size().reindex(
            days, fill_value=0)
        old = self.activity[~is_new].groupby("day").size().reindex(
            days, fill_value=0)
        return pd.DataFrame({
            "day": pd.to_datetime(list(days), unit="D").strftime("%Y-%m-%d"),
            "active": (new + old).values, "new": new.values,
            "existing": old.values})

    def durations(self, groups):
        rows = []
        place = np.searchsorted([above for _, above in STEPS],
                                self.active.minutes, side="right") - 1
        for name, chosen in groups:
            if not chosen.any():
                continue
            counts = np.bincount(place[chosen], minlength=len(STEPS))
            rows += [[name, step, n, n / chosen.sum()]
                     for (step, _), n in zip(STEPS, counts)]
        return pd.DataFrame(rows, columns=["users_with", "duration", "users",
                                           "share"])

    def figure4(self):
        few = self.active.inspected < 10
        return self.durations([("< 10 devices", few), (">= 10 devices", ~few)])

    def figure5(self):
        some = self.active.labelled > 0
        return self.durations([(">= 1 label", some), ("no label", ~some)])

    def users_csv(self):
        active, devices = self.active, self.active.inspected
        offset = self.users[self.users.user.isin(
            active.index)].utc_offset_min.dropna()
        some = active.labelled > 0
        rows = [
            ("all users", len(self.users), "users"),
            ("active users", len(active), "users"),
            ("active users of all", len(active) / len(self.users), "share"),
            ("users who labelled", self.labelled.user.nunique(), "users"),
            ("users who labelled of active", some.mean(), "share"),
            ("duration, median", active.minutes.median(), "minutes"),
            ("duration, upper quartile", active.minutes.quantile(0.75),
             "minutes"),
            ("discovered devices", len(self.devices), "devices"),
            ("monitored devices", len(self.monitored), "devices"),
            ("labelled devices", len(self.labelled), "devices"),
            ("labelled of discovered",
             len(self.labelled) / len(self.devices), "share"),
            ("labelled of monitored",
             len(self.labelled) / len(self.monitored), "share"),
            ("devices per active user, mean", devices.mean(), "devices"),
            ("devices per active user, lower quartile",
             devices.quantile(0.25), "devices"),
            ("devices per active user, median", devices.median(), "devices"),
            ("devices per active user, upper quartile",
             devices.quantile(0.75), "devices"),
            ("UTC -07:00 to -04:00", offset.between(-420, -240).mean(),
             "share"),
            ("UTC +00:00 to +03:00", offset.between(0, 180).mean(), "share"),
            # simulated homes have all been dated
            ("clock not set, of users", 0, "users"),
            ("clock not set, of windows", 0, "windows"),
        ]
        return pd.DataFrame(rows, columns=["figure", "value", "unit"])

    def views_csv(self):
        hours = (self.views.groupby("view").seconds.sum() / 3600).rename(
            "hours").reset_index()
        return hours.sort_values(["hours", "view"], ascending=[False, True])

    def fingerprints(self):
        sent = self.hellos[self.hellos.ja4.notna()].drop_duplicates().merge(
            self.validated, on="device")
        rows = sent.groupby("ja4").agg(
            vendors=("vendor", "nunique"), devices=("device", "nunique"),
            of_them=("vendor", lambda v: ", ".join(sorted(set(v))[:10])))
        rows = rows[rows.vendors > 1].reset_index()
        return rows.sort_values(["vendors", "devices", "ja4"],
                                ascending=[False, False, True])

    def counted(self):
        seen = self.domains.merge(self.validated, on="device")
        return seen.assign(certain=~seen.guessed).groupby(
            ["vendor", "device"], as_index=False).agg(
            domains=("domain", "size"), certain=("certain", "sum"))

    def domains_csv(self):
        counted = self.counted()
        rows = counted.groupby("vendor").agg(
            devices=("device", "size"), median=("domains", "median"))
        rows["most"] = counted.groupby("vendor").domains.max()
        certain = counted[counted.certain > 0].groupby("vendor").certain
        rows["devices_certain"] = certain.size()
        rows["devices_certain"] = rows.devices_certain.fillna(0).astype(int)
        rows["median_certain"] = certain.median()
        rows["most_certain"] = certain.max()
        return rows.reset_index().sort_values(["median", "vendor"],
                                              ascending=[False, True])

    def domain_counts(self):
        counted = self.counted()
        medians = [counted.groupby("vendor").domains.median(),
                   counted[counted.certain > 0].groupby(
                       "vendor").certain.median()]
        return pd.DataFrame([[n] + [figure for m in medians for figure in (
            (m <= n).sum(), (m <= n).mean())] for n in (1, 2, 10)],
            columns=["at_most", "vendors", "share", "vendors_certain",
                     "share_certain"])


TABLES = {
    "table1": Study.table1, "table1_certain": Study.table1_certain,
    "agreement": Study.agreement, "table2": Study.table2,
    "table3": Study.table3, "table4": Study.table4, "table5": Study.table5,
    "figure3": Study.figure3, "figure4": Study.figure4,
    "figure5": Study.figure5, "users": Study.users_csv,
    "views": Study.views_csv, "fingerprints": Study.fingerprints,
    "domains": Study.domains_csv, "domain_counts": Study.domain_counts,
    "tracking": Study.tracking,
}


def main():
    study, out = Study(Path(sys.argv[1])), Path(sys.argv[2])
    out.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        table(study).to_csv(out / (name + ".csv"), index=False)


if __name__ == "__main__":
    main()
