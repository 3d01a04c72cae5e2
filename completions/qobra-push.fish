complete --keep-order --exclusive --command qobra-push --arguments "(COMPLETE=fish qobra-push -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
