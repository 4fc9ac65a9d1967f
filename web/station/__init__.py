"""The desktop station (`tram station`): a clerk's desk with a reader, which signs as their own device does (ADR 18)."""
