package main

import "github.com/spf13/cobra"

// commands lists every subcommand, in the order that help prints them.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(),
		newDetectCommand(),
		newWatchCommand(),
		newDashboardCommand(),
		newDoctorCommand(),
		newIncidentsCommand(),
		newSuppressCommand(),
		newAlertCommand(),
		newFlowsCommand(),
		newTrainCommand(),
		newEvaluateCommand(),
		newExplainCommand(),
		newExportCommand(),
		newImportCommand(),
	}
}
