// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/validate.h"

#include <stdlib.h>

#include "study/basis.h"
#include "study/sheet.h"

int validate_fleet(struct fleet *f, const char *standard)
{
	char *lacks = basis_lacks(f);
	int err;

	err = fleet_runf(
		f,
		"SET VARIABLE standard = '%s';"
		"SET VARIABLE lacks_domains = %s;"
		"SET VARIABLE lacks_clues = %s;"
		"SET VARIABLE lacks_oui = %s;",
		standard,
		sheet_has_word(lacks ? lacks : "", "flows") ? "true" : "false",
		sheet_has_word(lacks ? lacks : "", "clues") ? "true" : "false",
		sheet_has_word(lacks ? lacks : "", "oui") ? "true" : "false");
	free(lacks);
	return err ? err : fleet_run(f, sheet_validate_sql);
}
