#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""study_pandas.py RELEASE LISTS OUT: the study's tables by pandas.

RELEASE is a full release (iot-study release --full) of simulated homes; LISTS
has the program's own lists, weak_suite.csv and platform.csv, as a report goes
by them; OUT gets the CSV files that iot-study report writes, of the scores
without the ranges that are drawn at random. Written as a researcher would:
whole files in memory, one group-by after the other. bench/study.py compares
both."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd

MIN_DEVICES = 10
COUNTS = ["validated", "not_validated", "no_data"]
METHODS = ["domain_common", "domain_vendor", "discovery", "oui"]
EQUIVALENTS = Path(__file__).resolve().parent.parent / "data/labels/vendors.txt"
STEPS = [("< 5 min", 0), ("5 to 15 min", 5), ("15 to 30 min", 15),
         ("30 to 60 min", 30), ("1 to 3 h", 60), ("3 to 12 h", 180),
         ("12 to 24 h", 720), (">= 24 h", 1440)]


def squeezed(text):
    return re.sub(r"[^a-z0-9]+", "", str(text).lower())


def worded(text):
    return re.sub(r"[^a-z0-9]+", " ", str(text).lower()).strip()


def cleaned(text):
    """As labels are compared: printable ASCII, lower case, single spaces."""
    text = re.sub(r"[^\t-\r -~]", "", text).lower()
    return " ".join(text.split())


def equivalents():
    """Names of vendors that stand for another."""
    lines = EQUIVALENTS.read_text(encoding="utf-8").splitlines()
    pairs = [re.match(r"([^#].*?) -> (.*?): ", line) for line in lines]
    return dict(pair.groups() for pair in pairs if pair)


def agreed(outcomes, least):
    """Which devices so many or more of the methods validate."""
    return (outcomes == "validated").sum(axis=1) >= least


def pairs_of(rows, *columns):
    """Pairs of rows that have these in common."""
    sizes = rows.groupby(list(columns)).size()
    return (sizes * (sizes - 1) // 2).sum()


def share(part, whole):
    return part / whole if whole else np.nan


class Study:
    def __init__(self, folder, lists):
        def read(name, **how):
            return pd.read_csv(folder / (name + ".csv"), **how)

        texts = {"keep_default_na": False, "na_values": [""]}
        self.users = read("users")
        self.devices = read("devices", **texts)
        self.labels = read("labels", **texts)
        self.clues = read("clues", **texts)
        self.endpoints = read("endpoints", **texts)
        self.views = read("views", **texts)
        self.hellos = read("hellos", usecols=["device", "version", "ja4",
                                              "cipher_suites"], **texts)
        self.hellos = self.hellos[self.hellos.version.between(768, 772)]
        self.standards = read("standard", **texts)
        self.changed = read("label_changes", **texts)
        self.truth = read("truth", **texts)
        meta = read("meta", **texts).set_index("key").value
        self.lacks = set(str(meta.get("lacks", "")).split(", "))
        self.weak = pd.read_csv(lists / "weak_suite.csv")
        self.platform = pd.read_csv(lists / "platform.csv")
        self.flows = read("flows", usecols=["device", "end", "endpoint",
                                            "remote_port", "local"])
        self.prepare()

    def prepare(self):
        away = self.flows[~self.flows.local]
        contact = away.assign(plaintext=away.remote_port == 80)[
            ["device", "endpoint", "plaintext"]].drop_duplicates()
        self.contact = contact.merge(self.endpoints, on="endpoint")
        for flag in ("tracker", "inferred"):
            self.contact[flag] = self.contact[flag].fillna(False).astype(bool)
        self.contact["hidden"] = ("withheld" in self.lacks) \
            & self.contact.addr.isna() & self.contact.host.isna()
        self.hidden = self.contact.device[self.contact.hidden].unique()
        named = self.contact[self.contact.domain.notna()]
        self.domains = named.assign(
            guessed=named.inferred).groupby(
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
        self.standards = self.standards.merge(
            self.devices[["device", "user", "manufacturer"]], on="device")
        self.standard = self.standards[self.standards.method == "paper"]
        self.outcomes = {certain: self.validate(self.standard, certain)
                         for certain in (False, True)}
        valid = agreed(self.outcomes[False], 1)
        self.validated = self.standard[
            self.standard.device.isin(valid[valid].index)]

    def validate(self, standard, certain):
        things = standard.set_index("device")
        domains = self.domains[~self.domains.guessed] if certain \
            else self.domains
        seen = domains.merge(things.vendor.reset_index(), on="device")
        of_vendor = things.vendor.map(things.vendor.value_counts())
        out = pd.DataFrame("no_data", index=things.index, columns=METHODS)

        hidden = pd.Series(things.index.isin(self.hidden), index=things.index)
        crowd = seen[seen.domain != "ntp.org"]
        best = self.common_domains(crowd, things, of_vendor, hidden)
        domain = things.vendor.map(best.domain)
        is_open = things.vendor.map(best.is_open).fillna(False).astype(bool)
        other = things.index.isin(crowd.device)
        common = things.index.isin(
            crowd.device[crowd.domain == crowd.vendor.map(best.domain)])
        out["domain_common"] = np.select(
            [of_vendor < 10, common, is_open & (other | hidden),
             hidden & (domain.notna() | ~other), other],
            ["no_data", "validated", "withheld", "withheld", "not_validated"],
            "no_data")

        pairs = seen[["vendor", "domain"]].drop_duplicates()
        pairs["hit"] = [squeezed(v) != "" and squeezed(v) in squeezed(d)
                        for v, d in zip(pairs.vendor, pairs.domain)]
        hits = seen.merge(pairs[pairs.hit], on=["vendor", "domain"])
        out["domain_vendor"] = np.select(
            [things.index.isin(hits.device), hidden,
             things.index.isin(seen.device)],
            ["validated", "withheld", "not_validated"], "no_data")

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

    @staticmethod
    def common_domains(crowd, things, of_vendor, hidden):
        """Of vendors with ten devices: their common domain, if that is told,
        and whether there may be one by what is withheld."""
        counts = crowd.groupby(["vendor", "domain"]).size().rename(
            "n").reset_index().sort_values(
            ["vendor", "n", "domain"], ascending=[True, False, True])
        of_vendors = counts.groupby("vendor")
        best = pd.DataFrame({
            "size": things.vendor[of_vendor >= 10].value_counts(),
            "hidden": hidden.groupby(things.vendor).sum(),
            "domain": of_vendors.domain.first(),
            "first": of_vendors.n.first(),
            "second": counts[of_vendors.cumcount() == 1].set_index(
                "vendor").n}).dropna(subset=["size"])
        best = best.fillna({"first": 0, "second": 0})
        is_told = (2 * best["first"] > best["size"]) & (
            (best.hidden == 0)
            | (best["first"] > best.second + best.hidden))
        best["is_open"] = (best.hidden > 0) & ~is_told & (
            2 * (best["first"] + best.hidden) > best["size"])
        best["domain"] = best.domain.where(is_told)
        return best

    def population(self):
        certain = agreed(self.outcomes[True], 1)
        trackers = self.contact[self.contact.tracker]
        tls = self.tls_devices()
        steps = [("discovered", self.devices, 0),
                 ("monitored", self.monitored, 0),
                 ("labelled", self.labelled, 0),
                 ("standardised", self.standard, 1),
                 ("validated", self.validated, 2)]
        steps += [(step, self.validated[self.validated.device.isin(some)], 2)
                  for step, some in [
                      ("validated, certain", certain[certain].index),
                      ("plaintext", self.contact.device[
                          self.contact.plaintext]),
                      ("to a tracker", trackers.device),
                      ("to a tracker, certain",
                       trackers.device[~trackers.inferred]),
                      ("valid hello", tls.index),
                      ("outdated TLS (paper)",
                       tls.index[tls.outdated_paper]),
                      ("outdated TLS (current)",
                       tls.index[tls.outdated_current]),
                      ("weak cipher suite (paper)",
                       tls.index[tls.weak_paper]),
                      ("weak cipher suite (current)",
                       tls.index[tls.weak_current])]]
        return pd.DataFrame(
            [[step, len(rows), rows.vendor.nunique() if told else "",
              len(rows) / len(self.validated) if told > 1 else ""]
             for step, rows, told in steps],
            columns=["step", "devices", "vendors", "share_of_validated"])

    def table1(self, certain=False):
        outcomes = self.outcomes[certain]
        return pd.DataFrame([[m] + [(outcomes[m] == c).mean() for c in COUNTS]
                             for m in METHODS], columns=["method"] + COUNTS)

    def table1_certain(self):
        return self.table1(True)

    def agreement(self):
        return pd.DataFrame([[n] + [figure for certain in (False, True)
                                    for figure in self.agreement_of(
                                        n, certain)] for n in (1, 2, 3, 4)],
            columns=["at_least", "devices", "share", "devices_certain",
                     "share_certain"])

    def agreement_of(self, least, certain):
        devices = agreed(self.outcomes[certain], least)
        return devices.sum(), devices.mean()

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

    def contacts(self):
        """Devices by whom they contacted: of table 4 and of tracking."""
        plain, away = self.contact[self.contact.plaintext], self.contact
        certain = away[away.tracker & ~away.inferred]
        other = plain[~plain.hidden]
        return {"any_plaintext": plain.device,
                "to_non_trackers": other.device[~other.tracker],
                "to_trackers": plain.device[plain.tracker],
                "to_non_trackers_certain":
                    other.device[~other.tracker | other.inferred],
                "to_trackers_certain": certain.device[certain.plaintext]}, {
                "to_trackers": away.device[away.tracker],
                "to_trackers_certain": certain.device}

    def table4(self):
        rows = self.by_vendor(**self.contacts()[0])
        rows = rows[rows.devices >= MIN_DEVICES].assign(
            min_devices=MIN_DEVICES)
        return rows.sort_values(["any_plaintext", "vendor"],
                                ascending=[False, True])

    def tracking(self):
        return self.by_vendor(**self.contacts()[1]).sort_values(
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

    def tls_devices(self):
        """What each device with a valid hello offered at least once."""
        suites = self.hellos.cipher_suites.drop_duplicates().dropna()
        offered = [set(map(int, text.split("+"))) for text in suites]
        by_paper = set(self.weak.code[self.weak.by_paper])
        weak = {
            "weak_paper": by_paper, "weak_current": set(self.weak.code)}
        sent = self.hellos[["device", "version", "cipher_suites"]]
        sent = sent.drop_duplicates()
        sent = sent.assign(
            outdated_paper=sent.version <= 769,
            outdated_current=sent.version <= 770,
            **{name: sent.cipher_suites.map(dict(zip(
                suites, [not some.isdisjoint(codes) for some in offered])))
               for name, codes in weak.items()})
        return sent.groupby("device")[
            ["outdated_paper", "outdated_current", *weak]].any()

    def tls(self):
        tls = self.tls_devices()
        rows = self.validated.merge(tls.reset_index(), on="device")
        rows = rows.groupby("vendor").agg(
            with_hello=("device", "size"),
            **{name: (name, "mean") for name in tls.columns}).reset_index()
        rows.insert(1, "devices", rows.vendor.map(
            self.validated.vendor.value_counts()))
        return rows.sort_values(["outdated_paper", "with_hello", "vendor"],
                                ascending=[False, False, True])

    def platform_contacts(self):
        met = self.domains.merge(self.platform, on="domain")
        return met.groupby(["device", "platform"]).guessed.all().rename(
            "guessed").reset_index()

    def platforms(self):
        met = self.platform_contacts().merge(self.validated, on="device")
        rows = met.groupby("platform").agg(devices=("device", "size"),
                                           vendors=("vendor", "nunique"))
        certain = met[~met.guessed].groupby("platform")
        rows["devices_certain"] = certain.size()
        rows["vendors_certain"] = certain.vendor.nunique()
        rows = rows.fillna(0).astype(int).reset_index()
        return rows.sort_values(["devices", "platform"],
                                ascending=[False, True])

    def changes(self):
        rows = self.changed[self.changed.method == "paper"]
        columns = ["kind", "vendor", "before", "after", "rule", "devices"]
        return rows[columns].sort_values(columns)

    def known(self):
        """What is known to be true, as standardised labels are written."""
        truth = self.truth[self.truth.vendor.notna() | self.truth.computer]
        stands_for = equivalents()
        vendor = truth.vendor.fillna("").map(cleaned)
        names = [truth[column].str.strip().replace("", np.nan)
                 for column in ("name", "category")]
        return truth.assign(
            true_vendor=vendor.map(lambda v: stands_for.get(v, v)),
            true_name=names[0].fillna(names[1]).map(
                cleaned, na_action="ignore"))[
            ["device", "true_vendor", "true_name", "computer"]]

    def score(self):
        rows = []
        for name in ("paper", "improved"):
            standard = self.standards[self.standards.method == name]
            told = standard.merge(self.known(), on="device").set_index(
                "device")
            is_right = ~told.computer & (
                told.vendor.map(squeezed) == told.true_vendor.map(squeezed))
            outcomes = self.validate(standard, False).loc[told.index]
            methods = [method for method in METHODS if not (
                "withheld" in self.lacks and method.startswith("domain"))]
            chosen = [[m for bit, m in enumerate(methods) if mask >> bit & 1]
                      for mask in range(1, 1 << len(methods))]
            for some in sorted(chosen, key=len):
                rows += [["simulated", name, "+".join(some)]
                         + self.score_of(outcomes[some], n, is_right)
                         for n in range(1, len(some) + 1)]
        return pd.DataFrame(rows, columns=[
            "truth", "standard", "validator", "rule", "right_labels",
            "wrong_labels", "false_positive", "false_negative",
            "false_positive_with_data", "false_negative_with_data"])

    @staticmethod
    def score_of(outcomes, least, is_right):
        methods = len(outcomes.columns)
        rule = "alone" if methods == 1 else "any" if least == 1 else \
            "all" if least == methods else "at least %d" % least
        valid = agreed(outcomes, least)
        has_data = (outcomes != "no_data").sum(axis=1) >= least
        wrong, right = ~is_right, is_right
        right_not = (right & ~valid).sum()
        right_data = (right & has_data).sum()
        return [rule, right.sum(), wrong.sum(),
                share((wrong & valid).sum(), wrong.sum()),
                share(right_not, right.sum()),
                share((wrong & valid).sum(), (wrong & has_data).sum()),
                share(right_not - right.sum() + right_data, right_data)]

    def score_labels(self):
        known = self.known()
        known = known[known.device.isin(self.labelled.device)]
        rows = []
        for name in ("paper", "improved"):
            standard = self.standards[self.standards.method == name]
            told = known.merge(standard[["device", "vendor", "name"]],
                               on="device", how="left")
            things, computers = told[~told.computer], told[told.computer]
            there = things[things.vendor.notna()]
            named = there[there.true_name.notna()]
            right = there.vendor.map(squeezed) == there.true_vendor.map(
                squeezed)
            vendors = pairs_of(there, "vendor", "true_vendor")
            names = pairs_of(named, "vendor", "name", "true_vendor",
                             "true_name")
            rows.append([
                "simulated", name, len(things),
                share(len(things) - len(there), len(things)),
                share(right.sum(), len(there)), len(computers),
                share(computers.vendor.notna().sum(), len(computers)),
                share(vendors, pairs_of(there, "vendor")),
                share(vendors, pairs_of(there, "true_vendor")),
                share(names, pairs_of(named, "vendor", "name")),
                share(names, pairs_of(named, "true_vendor", "true_name"))])
        return pd.DataFrame(rows, columns=[
            "truth", "standard", "devices", "lost", "right_vendor",
            "computers", "computers_left", "vendor_precision",
            "vendor_recall", "name_precision", "name_recall"])

    def bounds(self):
        """What withheld contacts leave open, as rows of table, row, figure,
        least and most, which are sorted within a table."""
        parts = [self.outcome_bounds(), self.agreement_bounds(),
                 self.step_bounds(), *self.contact_bounds(),
                 self.platform_bounds()]
        return pd.DataFrame([row for part in parts for row in sorted(part)],
                            columns=["table", "row", "figure", "least",
                                     "most"])

    def outcome_bounds(self):
        return [[sheet, method, name,
                 (self.outcomes[certain][method] == name).mean(),
                 self.outcomes[certain][method].isin(
                     [name, "withheld"]).mean()]
                for sheet, certain in (("table1", False),
                                       ("table1_certain", True))
                for method in METHODS for name in COUNTS]

    def may_be(self, certain, least):
        """Which devices so many methods validate, or may."""
        return agreed(self.outcomes[certain].replace("withheld", "validated"),
                      least)

    def agreement_bounds(self):
        return [["agreement", str(n), figure,
                 agreed(self.outcomes[certain], n).mean(),
                 self.may_be(certain, n).mean()]
                for n in (1, 2, 3, 4)
                for figure, certain in (("share", False),
                                        ("share_certain", True))]

    def step_bounds(self):
        """Those that did so, and where a withheld contact could be such, who
        has one."""
        told = self.population().set_index("step").devices
        possible = self.may_be(False, 1)
        possible = possible[possible].index
        certain = self.may_be(True, 1)
        tls = self.tls_devices()
        trackers = self.contact[self.contact.tracker]
        most = {
            "validated": possible,
            "validated, certain": certain[certain].index,
            "plaintext": self.contact.device[self.contact.plaintext],
            "to a tracker": [*trackers.device, *self.hidden],
            "to a tracker, certain": [*trackers.device[~trackers.inferred],
                                      *self.hidden],
            "valid hello": tls.index,
            "outdated TLS (paper)": tls.index[tls.outdated_paper],
            "outdated TLS (current)": tls.index[tls.outdated_current],
            "weak cipher suite (paper)": tls.index[tls.weak_paper],
            "weak cipher suite (current)": tls.index[tls.weak_current]}
        return [["population", step, "devices", told[step],
                 possible.isin(some).sum()] for step, some in most.items()]

    def contact_bounds(self):
        """Of table 4 and of tracking, by vendor."""
        plain, away = self.contacts()
        del plain["any_plaintext"]
        port_80 = self.contact.device[self.contact.hidden
                                      & self.contact.plaintext]
        for sheet, least, some, open_to in (
                ("table4", MIN_DEVICES, plain, port_80),
                ("tracking", 1, away, self.hidden)):
            low = self.by_vendor(**some)
            high = self.by_vendor(**{figure: [*devices, *open_to]
                                     for figure, devices in some.items()})
            is_shown = low.devices >= least
            yield [[sheet, vendor, figure, a, b] for figure in some
                   for vendor, a, b in zip(low.vendor[is_shown],
                                           low[figure][is_shown],
                                           high[figure][is_shown])]

    def platform_bounds(self):
        possible = self.may_be(False, 1)
        possible = possible[possible].index
        met = self.platform_contacts()
        rows = []
        for platform in met.platform.unique():
            its = met[met.platform == platform]
            for figure, some in (
                    ("devices", its.device),
                    ("devices_certain", its.device[~its.guessed])):
                rows.append(["platforms", platform, figure,
                             self.validated.device.isin(some).sum(),
                             possible.isin([*some, *self.hidden]).sum()])
        return rows

    def fingerprints(self):
        sent = self.hellos[self.hellos.ja4.notna()][
            ["device", "ja4"]].drop_duplicates().merge(
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


# Each with what a source may lack so that it cannot be made.
TABLES = {
    "population": (Study.population, ""), "table1": (Study.table1, ""),
    "table1_certain": (Study.table1_certain, ""),
    "agreement": (Study.agreement, ""), "table2": (Study.table2, ""),
    "table3": (Study.table3, ""), "table4": (Study.table4, ""),
    "table5": (Study.table5, "countries"), "figure3": (Study.figure3, ""),
    "figure4": (Study.figure4, ""), "figure5": (Study.figure5, ""),
    "users": (Study.users_csv, ""), "views": (Study.views_csv, ""),
    "tls": (Study.tls, ""), "fingerprints": (Study.fingerprints, ""),
    "domains": (Study.domains_csv, "withheld"),
    "domain_counts": (Study.domain_counts, "withheld"),
    "tracking": (Study.tracking, ""), "platforms": (Study.platforms, ""),
    "changes": (Study.changes, ""), "score": (Study.score, ""),
    "score_labels": (Study.score_labels, ""),
}


def main():
    release, lists, out = map(Path, sys.argv[1:])
    study = Study(release, lists)
    out.mkdir(exist_ok=True)
    tables = {name: table for name, (table, need) in TABLES.items()
              if need not in study.lacks or not need}
    if "withheld" in study.lacks:
        tables["bounds"] = Study.bounds
    for name, table in tables.items():
        table(study).to_csv(out / (name + ".csv"), index=False)


if __name__ == "__main__":
    main()
