"""The questions a graph answers, one room a subject; each verb has the name of its command."""
